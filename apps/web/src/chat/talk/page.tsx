import { Page } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';

/** The conversations, and one of them where `conversationId` names it. */
export default function TalkPage(_: { readonly conversationId?: string }) {
  const t = useMessages().talk;
  return <Page title={t.title}>{null}</Page>;
}
