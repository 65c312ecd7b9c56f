import { call } from '../../api/client.ts';
import { Card, ErrorState, Page, Skeleton, Switch } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import type { EngineSettings } from '../engine/api.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction, useLoad } from '../load.ts';
import { Failure } from './failure.tsx';
import type { Profile } from './profile-form.tsx';

/** Who sees that one is here, and what conversations tell. Each switch takes effect at once. */
export default function YouPrivacy() {
  const t = useMessages().you.privacy;
  return (
    <Page title={t.title} back="/you">
      <Presence />
      <Receipts />
    </Page>
  );
}

function Presence() {
  const t = useMessages().you.privacy;
  const profile = useLoad((signal) => call('presence.profile.read', { signal }), []);
  const action = useAction();
  if (profile.state === 'loading') return <Skeleton rows={1} />;
  if (profile.state === 'failed') return <ErrorState error={profile.error} onRetry={profile.reload} />;
  const write = (change: Partial<Profile>) =>
    action.run(async () => {
      profile.set(await call('presence.profile.write', { body: { ...profile.value, ...change } }));
    });
  const { showOnline, listed } = profile.value;
  return (
    <>
      <Card title={t.presence} rows>
        <Switch
          label={t.showOnline}
          hint={t.showOnlineHint}
          checked={showOnline}
          onChange={(on) => void write({ showOnline: on })}
        />
        <Switch
          label={t.listed}
          hint={t.listedHint}
          checked={listed}
          onChange={(on) => void write({ listed: on })}
        />
      </Card>
      <Failure error={action.error} />
    </>
  );
}

function Receipts() {
  const t = useMessages().you.privacy;
  const engine = useEngine();
  const settings = useLoad(() => engine.settings.read(), [engine]);
  const action = useAction();
  if (settings.state === 'loading') return <Skeleton rows={1} />;
  if (settings.state === 'failed') return <ErrorState error={settings.error} onRetry={settings.reload} />;
  const write = (change: Partial<EngineSettings>) =>
    action.run(async () => {
      const next = { ...settings.value, ...change };
      await engine.settings.write(next);
      settings.set(next);
    });
  const { sendDelivered, sendRead, sendTyping } = settings.value;
  return (
    <>
      <Card title={t.receipts} rows>
        <Switch
          label={t.delivered}
          checked={sendDelivered}
          onChange={(on) => void write({ sendDelivered: on })}
        />
        <Switch label={t.read} checked={sendRead} onChange={(on) => void write({ sendRead: on })} />
        <Switch label={t.typing} checked={sendTyping} onChange={(on) => void write({ sendTyping: on })} />
      </Card>
      <Failure error={action.error} />
    </>
  );
}
