import { Banner } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { sentenceOf } from '../../messages/sentence.ts';
import { StudioError } from './studio/client.ts';

/** Why a picture could not be prepared or sent; nothing where it could. */
export function StudioFailure({ error }: { readonly error: unknown }) {
  const t = useMessages();
  return (
    <div role="alert">
      {error != null && (
        <Banner kind="bad">
          {error instanceof StudioError ? t.pictures.studio[error.code] : sentenceOf(error, t)}
        </Banner>
      )}
    </div>
  );
}
