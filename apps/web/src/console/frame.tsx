import { type ReactNode, use, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { HideButton } from '../chat/hide.tsx';
import { LanguageLinks } from '../chat/language-links.tsx';
import { Dialog, IconButton, InfoIcon, Mark, SkipLink } from '../design/index.ts';
import { useMessages } from '../messages/index.ts';
import styles from './frame.module.css';
import { useKeys } from './keys.ts';
import { MeContext, staffName } from './me.ts';
import { useConsoleMessages } from './messages/index.ts';

/** What stands around every page of the console. A place that a role can't go to is not shown. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const common = useMessages().common;
  const t = useConsoleMessages();
  const me = use(MeContext);
  const [location] = useLocation();
  const [keys, setKeys] = useState(false);
  useKeys({ '?': () => setKeys(true) });
  const places = [
    { href: '/console', label: t.nav.queue, open: me?.can('case.read') },
    { href: '/console/approvals', label: t.nav.approvals, open: me?.can('approval.read') },
    { href: '/console/figures', label: t.nav.figures, open: me?.can('figures.read') },
    { href: '/console/staff', label: t.nav.staff, open: me?.can('staff.read') },
  ].filter(({ open }) => open === true);
  const apart = places.slice(1).some(({ href }) => href === location);
  return (
    <div className={styles.frame}>
      <SkipLink>{common.skip}</SkipLink>
      <header className={styles.top}>
        <span className={styles.brand}>
          <Mark size={28} />
          {t.title}
        </span>
        {places.length > 0 && (
          <nav aria-label={t.nav.label} className={styles.nav}>
            {places.map(({ href, label }) => {
              const here = href === location || (href === '/console' && !apart);
              return (
                <Link
                  key={href}
                  href={href}
                  className={styles.place}
                  aria-current={here ? 'page' : undefined}
                >
                  {label}
                </Link>
              );
            })}
          </nav>
        )}
        <div className={styles.tools}>
          {me !== null && <span className={styles.me}>{t.nav.you(staffName(me.accountId))}</span>}
          <LanguageLinks />
          <IconButton icon={InfoIcon} label={t.nav.keys} onClick={() => setKeys(true)} />
          <HideButton />
        </div>
      </header>
      <main id="main" tabIndex={-1} className={styles.main}>
        {children}
      </main>
      <Dialog open={keys} onClose={() => setKeys(false)} title={t.keys.title}>
        <dl className={styles.keys}>
          {t.keys.list.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </div>
  );
}
