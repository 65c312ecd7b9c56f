import { useLocation } from 'wouter';
import { call } from '../../api/client.ts';
import { ButtonLink, ErrorState, Page, Skeleton, toast } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useLoad } from '../load.ts';
import { ProfileForm } from './profile-form.tsx';
import { Progress } from './start.tsx';

/** The last step of becoming a member; it can be passed over. */
export default function YouWelcome() {
  const t = useMessages().you.profile;
  const [, go] = useLocation();
  const profile = useLoad((signal) => call('presence.profile.read', { signal }), []);
  const onSaved = () => {
    toast(t.saved);
    go('/people');
  };
  return (
    <Page title={t.title} lead={t.welcomeLead}>
      <Progress current={3} />
      {profile.state === 'loading' && <Skeleton rows={3} />}
      {profile.state === 'failed' && <ErrorState error={profile.error} onRetry={profile.reload} />}
      {profile.state === 'ready' && (
        <ProfileForm profile={profile.value} submit={t.saveAndGo} onSaved={onSaved}>
          <ButtonLink href="/people" kind="plain" wide>
            {t.skip}
          </ButtonLink>
        </ProfileForm>
      )}
    </Page>
  );
}
