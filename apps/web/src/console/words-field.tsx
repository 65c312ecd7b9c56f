import { TextArea } from '../design/index.ts';

interface WordsFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onChange: (words: string) => void;
}

/** As much as an event takes (`words` of the contract). */
const most = 4000;

/** Words that become part of a case or of what is asked of a second person. */
export function WordsField({ onChange, ...rest }: WordsFieldProps) {
  return <TextArea {...rest} maxLength={most} onChange={(event) => onChange(event.target.value)} />;
}
