import { ButtonLink, EmptyState, SearchIcon } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';

/** An address that leads nowhere. */
export function NotFound() {
  const t = useMessages().common;
  return (
    <EmptyState
      icon={SearchIcon}
      title={t.notFoundTitle}
      action={<ButtonLink href="/">{t.toStart}</ButtonLink>}
    >
      {t.notFound}
    </EmptyState>
  );
}
