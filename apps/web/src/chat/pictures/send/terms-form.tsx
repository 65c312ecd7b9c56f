import { Chips, RadioList } from '../../../design/index.ts';
import { useMessages } from '../../../messages/index.ts';
import type { Depicted, PictureTerms } from '../../engine/pictures-api.ts';
import { type Member, PeopleForm } from './people-form.tsx';

type Often = '1' | '3' | 'any';
type Lasts = '3600' | '86400' | '604800' | 'any';
type Who = PictureTerms['depicts'];

/** The sender's yes while it is being given. */
export interface TermsDraft {
  readonly often: Often;
  readonly lasts: Lasts;
  readonly who: Who | null;
  readonly people: readonly Depicted[];
}

export const firstDraft: TermsDraft = { often: '1', lasts: '86400', who: null, people: [] };

export const asksOthers = ({ who }: TermsDraft): boolean => who === 'others' || who === 'me_and_others';

export function termsOf({ often, lasts }: TermsDraft, depicts: Who): PictureTerms {
  return {
    lasts: lasts === 'any' ? null : Number(lasts),
    maxViews: often === 'any' ? null : Number(often),
    depicts,
  };
}

const oftens: readonly Often[] = ['1', '3', 'any'];
const spans: readonly Lasts[] = ['3600', '86400', '604800', 'any'];
const whos: readonly Who[] = ['me', 'me_and_others', 'others', 'nobody'];

interface TermsFormProps {
  readonly draft: TermsDraft;
  readonly onChange: (draft: TermsDraft) => void;
  readonly members: readonly Member[];
  readonly tried: boolean;
}

/** How often, how long, who is in it. */
export function TermsForm({ draft, onChange, members, tried }: TermsFormProps) {
  const t = useMessages().pictures.terms;
  return (
    <>
      <Chips
        single
        legend={t.often}
        options={oftens.map((value) => ({ value, label: t.oftenChoices[value] }))}
        chosen={[draft.often]}
        onChange={([often = '1']) => onChange({ ...draft, often })}
      />
      <Chips
        single
        legend={t.lasts}
        options={spans.map((value) => ({ value, label: t.lastsChoices[value] }))}
        chosen={[draft.lasts]}
        onChange={([lasts = '86400']) => onChange({ ...draft, lasts })}
      />
      <RadioList
        legend={t.who}
        options={whos.map((value) => ({ value, ...t.whoChoices[value] }))}
        chosen={draft.who}
        onChange={(who) => onChange({ ...draft, who })}
      />
      {asksOthers(draft) && (
        <PeopleForm
          members={members}
          people={draft.people}
          missing={tried}
          onChange={(people) => onChange({ ...draft, people })}
        />
      )}
    </>
  );
}
