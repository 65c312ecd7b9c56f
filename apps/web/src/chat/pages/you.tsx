import { type ComponentType, lazy } from 'react';
import { Link } from 'wouter';
import { call } from '../../api/client.ts';
import {
  Avatar,
  Banner,
  BlockIcon,
  ButtonLink,
  CheckIcon,
  classes,
  DeviceIcon,
  FlagIcon,
  ForwardIcon,
  HideIcon,
  type Icon,
  KeyIcon,
  LockIcon,
  Page,
  Panes,
  PictureIcon,
  SettingsIcon,
  ShieldIcon,
  SunIcon,
  YouIcon,
} from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { useStatus } from '../engine-access.tsx';
import { useLoad } from '../load.ts';
import { dayInWords } from '../time.ts';
import { NotFound } from './not-found.tsx';
import styles from './you.module.css';

const sections = [
  'profile',
  'pictures',
  'yeses',
  'decisions',
  'privacy',
  'devices',
  'recovery',
  'blocks',
  'display',
  'account',
] as const;
type Section = (typeof sections)[number];

/** Pages that talk to the profile need a proof of age; the others stay open without one. */
const pages: Record<Section, { icon: Icon; page: ComponentType; needsProof: boolean }> = {
  profile: { icon: YouIcon, page: lazy(() => import('./you-profile.tsx')), needsProof: true },
  pictures: {
    icon: PictureIcon,
    page: lazy(() => import('../pictures/pages/my-pictures.tsx')),
    needsProof: true,
  },
  yeses: { icon: CheckIcon, page: lazy(() => import('../pictures/pages/questions.tsx')), needsProof: false },
  decisions: { icon: FlagIcon, page: lazy(() => import('./you-decisions.tsx')), needsProof: false },
  privacy: { icon: HideIcon, page: lazy(() => import('./you-privacy.tsx')), needsProof: true },
  devices: { icon: DeviceIcon, page: lazy(() => import('./you-devices.tsx')), needsProof: false },
  recovery: { icon: KeyIcon, page: lazy(() => import('./you-recovery.tsx')), needsProof: false },
  blocks: { icon: BlockIcon, page: lazy(() => import('./you-blocks.tsx')), needsProof: false },
  display: { icon: SunIcon, page: lazy(() => import('./you-display.tsx')), needsProof: false },
  account: { icon: SettingsIcon, page: lazy(() => import('./you-account.tsx')), needsProof: false },
};

const isSection = (name: string): name is Section => sections.some((one) => one === name);

const Welcome = lazy(() => import('./you-welcome.tsx'));

/** One's own corner: the profile and everything that can be set. */
export default function You({ section }: { readonly section: string }) {
  const { stage } = useStatus();
  if (section === 'welcome') return <Welcome />;
  if (section !== '' && !isSection(section)) return <NotFound />;
  const shown: Section = section === '' ? 'profile' : section;
  const { page: SectionPage, needsProof } = pages[shown];
  const closed = needsProof && stage === 'no-proof';
  return (
    <Panes
      open={section !== ''}
      list={<Index current={section === '' ? null : shown} />}
      detail={closed ? <NeedsProof /> : <SectionPage key={shown} />}
    />
  );
}

function Index({ current }: { readonly current: Section | null }) {
  const { language, messages } = useLanguage();
  const t = messages.you;
  const { me, waitingQuestions } = useStatus();
  return (
    <Page title={t.title} width="wide">
      {me !== null && (
        <div className={styles.me}>
          <Avatar name={me.pseudonym} />
          <div>
            <p className={styles.name} dir="auto">
              {me.pseudonym}
            </p>
            <p className={styles.adult}>
              {me.adult !== null && <ShieldIcon size={18} />}
              {me.adult === null ? t.noProof : t.adultUntil(dayInWords(me.adult.until, language))}
            </p>
          </div>
        </div>
      )}
      <ul className={styles.sections}>
        {sections.map((section) => {
          const SectionIcon = pages[section].icon;
          return (
            <li key={section}>
              <Link
                href={`/you/${section}`}
                className={classes(styles.section, current === section && styles.current)}
                aria-current={current === section ? 'true' : undefined}
              >
                <SectionIcon size={24} />
                <span className={styles.words}>
                  <span className={styles.title}>{t.sections[section].name}</span>
                  <span className={styles.about}>
                    {section === 'yeses' && waitingQuestions > 0
                      ? messages.pictures.questions.waiting(waitingQuestions)
                      : t.sections[section].about}
                  </span>
                </span>
                <ForwardIcon size={18} className={styles.forward} />
              </Link>
            </li>
          );
        })}
        <ConsoleLine />
      </ul>
    </Page>
  );
}

/** The way to the console, for those who have a role there; for everybody else there is nothing. */
function ConsoleLine() {
  const t = useMessages().you.console;
  const own = useLoad((signal) => call('cases.mine.console', { signal }), []);
  if (own.state !== 'ready' || !own.value.open) return null;
  return (
    <li>
      {/* Another document: a link of the browser's own. */}
      <a href="/console" className={styles.section}>
        <LockIcon size={24} />
        <span className={styles.words}>
          <span className={styles.title}>{t.name}</span>
          <span className={styles.about}>{t.about}</span>
        </span>
        <ForwardIcon size={18} className={styles.forward} />
      </a>
    </li>
  );
}

function NeedsProof() {
  const t = useMessages();
  return (
    <Page title={t.you.title} back="/you">
      <Banner kind="warn" title={t.you.noProof}>
        {t.errors.proof_required}
      </Banner>
      <ButtonLink href="/gate" wide>
        {t.you.prove}
      </ButtonLink>
    </Page>
  );
}
