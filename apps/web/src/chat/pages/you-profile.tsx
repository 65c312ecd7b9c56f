import { call } from '../../api/client.ts';
import { ErrorState, Page, Skeleton, toast } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useLoad } from '../load.ts';
import { ProfileForm } from './profile-form.tsx';

/** Editing one's profile. */
export default function YouProfile() {
  const t = useMessages().you.profile;
  const profile = useLoad((signal) => call('presence.profile.read', { signal }), []);
  return (
    <Page title={t.title} lead={t.lead} back="/you">
      {profile.state === 'loading' && <Skeleton rows={3} />}
      {profile.state === 'failed' && <ErrorState error={profile.error} onRetry={profile.reload} />}
      {profile.state === 'ready' && (
        <ProfileForm profile={profile.value} submit={t.save} onSaved={() => toast(t.saved)} />
      )}
    </Page>
  );
}
