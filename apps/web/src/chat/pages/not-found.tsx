import { ButtonLink, Page } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';

/** An address that leads nowhere. */
export function NotFound() {
  const t = useMessages().common;
  return (
    <Page title={t.notFoundTitle} lead={t.notFound}>
      <ButtonLink href="/">{t.toStart}</ButtonLink>
    </Page>
  );
}
