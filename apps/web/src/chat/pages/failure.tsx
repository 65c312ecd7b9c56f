import { Banner } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { sentenceOf } from '../../messages/sentence.ts';
import styles from './failure.module.css';

/** What an action was refused for, beside the button that was pressed; nothing where it was not. */
export function Failure({ error }: { readonly error: unknown }) {
  const t = useMessages();
  return (
    <div role="alert" className={styles.failure}>
      {error != null && <Banner kind="bad">{sentenceOf(error, t)}</Banner>}
    </div>
  );
}
