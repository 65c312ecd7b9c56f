import { Card, Page } from '../../../design/index.ts';
import { useMessages } from '../../../messages/index.ts';
import styles from './pictures.module.css';

/** What sealed pictures do and do not promise. */
export default function Promises() {
  const t = useMessages().pictures.promise;
  const parts = [
    { title: t.does, lines: t.doesList },
    { title: t.cannot, lines: t.cannotList },
    { title: t.knows, lines: t.knowsList },
  ];
  return (
    <Page title={t.title} lead={t.lead} back="/">
      {parts.map(({ title, lines }) => (
        <Card key={title} title={title}>
          <ul className={styles.promises}>
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Card>
      ))}
      <p className={styles.quiet}>{t.match}</p>
    </Page>
  );
}
