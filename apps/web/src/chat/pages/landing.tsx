import { useEffect } from 'react';
import { Link, Redirect } from 'wouter';
import { ButtonLink, LockIcon, RequestsIcon, ShieldIcon } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { Plain } from '../shell.tsx';
import { visitedBefore } from '../visit.ts';
import styles from './landing.module.css';
import { ThreeYeses } from './three-yeses.tsx';

const factIcons = [ShieldIcon, LockIcon, RequestsIcon];

/** The question before everything. A member who comes back is led on. */
export function Landing() {
  const t = useMessages().landing;
  useEffect(() => {
    document.title = 'Accord';
  }, []);
  if (visitedBefore()) return <Redirect to="/people" replace />;
  return (
    <Plain>
      <div className={styles.landing}>
        <section className={styles.ask}>
          <h1 className={styles.question}>{t.question}</h1>
          <p className={styles.what}>{t.what}</p>
          <div className={styles.answers}>
            <ButtonLink href="/start" wide>
              {t.yes}
            </ButtonLink>
            <ButtonLink href="/help" kind="soft" wide>
              {t.no}
            </ButtonLink>
          </div>
          <p className={styles.after}>
            {t.afterYes} <Link href="/age-statement">{t.checked}</Link>
          </p>
          <p className={styles.member}>
            {t.member} <Link href="/sign-in">{t.signIn}</Link>
          </p>
        </section>
        <section className={styles.yeses} aria-labelledby="yeses">
          <ThreeYeses />
          <h2 id="yeses" className={styles.heading}>
            {t.yesesTitle}
          </h2>
          <ul className={styles.who}>
            {t.yeses.map(({ who, how }) => (
              <li key={who}>
                <strong>{who}</strong> {how}
              </li>
            ))}
          </ul>
        </section>
        <ul className={styles.facts}>
          {t.facts.map(({ title, text }, at) => {
            const FactIcon = factIcons[at] ?? ShieldIcon;
            return (
              <li key={title} className={styles.fact}>
                <FactIcon size={26} />
                <div>
                  <h2 className={styles.factTitle}>{title}</h2>
                  <p>{text}</p>
                </div>
              </li>
            );
          })}
        </ul>
      </div>
    </Plain>
  );
}
