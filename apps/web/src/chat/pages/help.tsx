import { Link } from 'wouter';
import { Banner, Card, ExternalIcon, Page, PhoneIcon } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import styles from './help.module.css';
import { type HelpLine, helpLines } from './help-lines.ts';

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
          {helpLines
            .filter((line) => line.kind === kind)
            .map((line) => (
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
  const t = useMessages().help;
  return (
    <section className={styles.line} aria-label={line.name}>
      <h3 className={styles.name}>{line.name}</h3>
      <p className={styles.about}>{t.lines[line.id]}</p>
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
