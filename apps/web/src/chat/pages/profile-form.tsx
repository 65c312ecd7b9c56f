import type { Reply } from '@accord/protocol';
import { seekings, spokenLanguages } from '@accord/protocol/words';
import { type FormEvent, type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button, Chips, TextArea } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { useAction } from '../load.ts';
import { Failure } from './failure.tsx';
import { nameOfLanguage } from './words.ts';
import styles from './you.module.css';

export type Profile = Reply<'presence.profile.read'>;

/** The protocol's limits of `about` (characters) and of the languages. */
const aboutLimit = 300;
const languagesLimit = 8;

interface ProfileFormProps {
  readonly profile: Profile;
  readonly submit: string;
  readonly onSaved: (profile: Profile) => void;
  readonly children?: ReactNode;
}

/** What others see of one. */
export function ProfileForm({ profile, submit, onSaved, children }: ProfileFormProps) {
  const { messages, language } = useLanguage();
  const t = messages.you.profile;
  const action = useAction();
  const [draft, setDraft] = useState(profile);
  const used = draft.about.trim().length;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (used > aboutLimit) return;
    await action.run(async () => {
      onSaved(await call('presence.profile.write', { body: draft }));
    });
  };
  return (
    <form className={styles.form} onSubmit={(event) => void save(event)}>
      <TextArea
        label={t.about}
        hint={t.aboutHint}
        placeholder={t.aboutPlaceholder}
        value={draft.about}
        rows={4}
        counter={{ used, limit: aboutLimit, label: t.used(used, aboutLimit) }}
        onChange={({ target }) => setDraft({ ...draft, about: target.value })}
      />
      <Chips
        legend={t.seeking}
        options={seekings.map((value) => ({ value, label: messages.people.seekingWords[value] }))}
        chosen={draft.seeking}
        onChange={(seeking) => setDraft({ ...draft, seeking: [...seeking] })}
      />
      <Chips
        legend={t.languages}
        hint={t.languagesHint}
        limit={languagesLimit}
        options={spokenLanguages.map((value) => ({ value, label: nameOfLanguage(value, language) }))}
        chosen={draft.languages}
        onChange={(languages) => setDraft({ ...draft, languages: [...languages] })}
      />
      <Failure error={action.error} />
      <Button type="submit" wide busy={action.busy} disabled={used > aboutLimit}>
        {submit}
      </Button>
      {children}
    </form>
  );
}
