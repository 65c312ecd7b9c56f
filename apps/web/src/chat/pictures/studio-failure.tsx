import { Banner } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { sentenceOf } from '../../messages/sentence.ts';
import styles from '../pages/failure.module.css';
import { StudioError } from './studio/client.ts';

/** Why a picture could not be prepared or sent; nothing where it could. */
export function StudioFailure({ error }: { readonly error: unknown }) {
  const t = useMessages();
  return (
    <div role="alert" className={styles.failure}>
      {error != null && (
        <Banner kind="bad">
          {error instanceof StudioError ? t.pictures.studio[error.code] : sentenceOf(error, t)}
        </Banner>
      )}
    </div>
  );
}
