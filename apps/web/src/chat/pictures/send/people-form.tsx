import { useState } from 'react';
import { Button, Chips, CloseIcon, Field, IconButton, LinkIcon } from '../../../design/index.ts';
import { useMessages } from '../../../messages/index.ts';
import type { Depicted } from '../../engine/pictures-api.ts';
import styles from './send.module.css';

export interface Member {
  readonly accountId: string;
  readonly pseudonym: string;
}

interface PeopleFormProps {
  /** Whom one can ask here. */
  readonly members: readonly Member[];
  readonly people: readonly Depicted[];
  readonly onChange: (people: readonly Depicted[]) => void;
  /** The form was sent without anybody. */
  readonly missing: boolean;
}

/** Who else is in the picture: members by name, others by a link of one's own making. */
export function PeopleForm({ members, people, onChange, missing }: PeopleFormProps) {
  const {
    terms: t,
    yeses: { line },
  } = useMessages().pictures;
  const [name, setName] = useState('');
  const links = people.filter((one) => one.kind === 'link');
  const asked = people.flatMap((one) => (one.kind === 'member' ? [one.accountId] : []));
  const add = () => {
    const named = name.trim();
    if (named === '') return;
    onChange([...people, { kind: 'link', name: named }]);
    setName('');
  };
  return (
    <fieldset className={styles.people}>
      <legend className={styles.legend}>{t.ask}</legend>
      {members.length === 0 ? (
        <p className={styles.quiet}>{t.noMembers}</p>
      ) : (
        <Chips
          legend={t.askMember}
          hint={t.askMemberHint}
          options={members.map(({ accountId, pseudonym }) => ({ value: accountId, label: pseudonym }))}
          chosen={asked}
          onChange={(chosen) =>
            onChange([
              ...members
                .filter(({ accountId }) => chosen.includes(accountId))
                .map((member) => ({ kind: 'member' as const, ...member })),
              ...links,
            ])
          }
        />
      )}
      <div className={styles.link}>
        <Field
          label={line(t.askLink, t.linkName)}
          hint={t.linkNameHint}
          value={name}
          maxLength={40}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <Button kind="soft" small icon={LinkIcon} onClick={add} aria-disabled={name.trim() === ''}>
          {t.addLink}
        </Button>
      </div>
      {links.length > 0 && (
        <ul className={styles.links}>
          {links.map((link, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two links may bear one name
            <li key={at}>
              <LinkIcon size={18} />
              <span dir="auto">{link.name}</span>
              <span className={styles.quiet}>{t.viaLink}</span>
              <IconButton
                icon={CloseIcon}
                label={t.remove(link.name)}
                onClick={() => onChange(people.filter((one) => one !== link))}
              />
            </li>
          ))}
        </ul>
      )}
      <p role="alert" className={styles.wrong}>
        {missing && people.length === 0 ? t.needed : null}
      </p>
    </fieldset>
  );
}
