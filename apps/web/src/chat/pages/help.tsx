import { type HelpLine, helpFor } from '@accord/law/help-lines';
import { Link } from 'wouter';
import { Banner, Card, ExternalIcon, Page, PhoneIcon } from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import styles from './help.module.css';

/** For those who said no: what they can do, and who listens. */
export default function Help() {
  const t = useMessages().help;
  return (
    <Page title={t.title} lead={t.lead} back="/">
      <Banner kind="warn" icon={PhoneIcon}>
        {t.immediate}
      </Banner>
      {(['talk', 'remove'] as const).map((kind) => (
        <Card key={kind} title={t[kind]} rows>
          {helpFor('minor', kind).map((line) => (
            <Line key={line.id} line={line} />
          ))}
        </Card>
      ))}
      <p className={styles.foot}>{t.leaves}</p>
      <p>
        {t.adult} <Link href="/">{t.adultBack}</Link>
      </p>
    </Page>
  );
}

function Line({ line }: { readonly line: HelpLine }) {
  const { language, messages } = useLanguage();
  const t = messages.help;
  return (
    <section className={styles.line} aria-label={line.name}>
      <h3 className={styles.name}>{line.name}</h3>
      <p className={styles.about}>{line.about[language]}</p>
      <p className={styles.ways}>
        {line.number && (
          <a className={styles.way} href={`tel:${line.number.replaceAll(' ', '')}`}>
            <PhoneIcon size={20} />
            {t.call(line.number)}
          </a>
        )}
        <a className={styles.way} href={line.site} rel="noreferrer" aria-label={`${t.visit}: ${line.name}`}>
          <ExternalIcon size={20} />
          {t.visit}
        </a>
      </p>
    </section>
  );
}
