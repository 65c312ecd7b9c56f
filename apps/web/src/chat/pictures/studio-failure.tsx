import { Banner } from '../../design/index.ts';
import { type Messages, useMessages } from '../../messages/index.ts';
import { sentenceOf } from '../../messages/sentence.ts';
import styles from '../pages/failure.module.css';
import { StudioError } from './studio/client.ts';

/** What a person is told about a picture that could not be read, by the studio or by the engine. */
export const studioSentence = (error: unknown, t: Messages): string =>
  error instanceof StudioError ? t.pictures.studio[error.code] : sentenceOf(error, t);

/** Why a picture could not be prepared or sent; nothing where it could. */
export function StudioFailure({ error }: { readonly error: unknown }) {
  const t = useMessages();
  return (
    <div role="alert" className={styles.failure}>
      {error != null && <Banner kind="bad">{studioSentence(error, t)}</Banner>}
    </div>
  );
}
