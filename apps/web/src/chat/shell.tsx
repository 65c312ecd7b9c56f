import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import {
  Banner,
  classes,
  type Icon,
  Mark,
  OfflineIcon,
  PeopleIcon,
  RequestsIcon,
  Skeleton,
  SkipLink,
  TalkIcon,
  YouIcon,
} from '../design/index.ts';
import { useLanguage, useMessages } from '../messages/index.ts';
import { useStatus } from './engine-access.tsx';
import { HideButton } from './hide.tsx';
import { LanguageLinks } from './language-links.tsx';
import styles from './shell.module.css';
import { useTouch } from './use-touch.ts';

/** What shows while a page or the engine loads: in the members' frame, where their lists will stand. */
export function Waiting() {
  return (
    <div className={styles.waiting}>
      <Skeleton rows={3} />
    </div>
  );
}

/** The frame of pages before the door: the name, the language, the way to hide. */
export function Plain({ children }: { readonly children: ReactNode }) {
  const t = useMessages().common;
  return (
    <div className={styles.plain}>
      <SkipLink>{t.skip}</SkipLink>
      <header className={styles.top}>
        <Link href="/" className={styles.brand}>
          <Mark size={30} />
          {t.name}
        </Link>
        <div className={styles.tools}>
          <LanguageLinks />
          <HideButton />
        </div>
      </header>
      <main id="main" tabIndex={-1} className={styles.main}>
        {children}
      </main>
    </div>
  );
}

/** The frame of the members' pages: a rail on wide screens, a bar at the foot of narrow ones. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const t = useMessages().common;
  const [location] = useLocation();
  const { stage } = useStatus();
  useTouch(stage === 'ready');
  const talking = location.startsWith('/talk');
  const inConversation = location.startsWith('/talk/');
  return (
    <div className={classes(styles.shell, talking && styles.fixed, inConversation && styles.conversation)}>
      <SkipLink>{t.skip}</SkipLink>
      <header className={styles.bar}>
        <Link href="/people" className={styles.brand}>
          <Mark size={30} />
          <span>{t.name}</span>
        </Link>
        <HideButton />
      </header>
      <Navigation />
      <main id="main" tabIndex={-1} className={styles.main} data-scroller>
        <Remarks />
        {children}
      </main>
    </div>
  );
}

interface Place {
  readonly href: string;
  readonly label: string;
  readonly icon: Icon;
  readonly count?: number;
}

function Navigation() {
  const t = useMessages().common.nav;
  const [location] = useLocation();
  const { language } = useLanguage();
  const { unread, waitingRequests, waitingQuestions } = useStatus();
  const places: readonly Place[] = [
    { href: '/people', label: t.people, icon: PeopleIcon },
    { href: '/requests', label: t.requests, icon: RequestsIcon, count: waitingRequests },
    { href: '/talk', label: t.talk, icon: TalkIcon, count: unread },
    { href: '/you', label: t.you, icon: YouIcon, count: waitingQuestions },
  ];
  const format = new Intl.NumberFormat(language);
  return (
    <nav className={styles.nav} aria-label={t.label}>
      {places.map(({ href, label, icon: IconShape, count = 0 }) => {
        const here = location === href || location.startsWith(`${href}/`);
        return (
          <Link key={href} href={href} className={styles.place} aria-current={here ? 'page' : undefined}>
            <span className={styles.pictogram}>
              <IconShape size={24} />
              {count > 0 && (
                <span className={styles.count} role="img" aria-label={t.waiting(format.format(count))}>
                  {count > 99 ? '99+' : format.format(count)}
                </span>
              )}
            </span>
            <span className={styles.label}>{label}</span>
          </Link>
        );
      })}
    </nav>
  );
}

/** What concerns every page: no connection, no room. */
function Remarks() {
  const t = useMessages().common;
  const { stage, connection, storage } = useStatus();
  const offline = stage === 'unreachable' || connection === 'offline';
  if (!offline && storage === 'ok') return null;
  return (
    <div className={styles.remarks}>
      {storage !== 'ok' && (
        <Banner kind="warn" live>
          {storage === 'storage_full' ? t.storageFull : t.storageFailed}
        </Banner>
      )}
      {offline && (
        <Banner kind="warn" icon={OfflineIcon} live>
          {t.offlineBanner}
        </Banner>
      )}
    </div>
  );
}
