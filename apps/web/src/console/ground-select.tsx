import { type RemoveGround, removeGrounds } from '@accord/law';
import { Select } from '../design/index.ts';
import { useConsoleMessages } from './messages/index.ts';

interface GroundSelectProps {
  readonly label: string;
  readonly value: RemoveGround;
  readonly onChange: (ground: RemoveGround) => void;
}

/** On what ground a picture is removed, where it is not chosen by its number. */
export function GroundSelect({ label, value, onChange }: GroundSelectProps) {
  const t = useConsoleMessages().decide;
  return (
    <Select label={label} value={value} onChange={(event) => onChange(event.target.value as RemoveGround)}>
      {removeGrounds.map((one) => (
        <option key={one} value={one}>
          {t.removeGrounds[one]}
        </option>
      ))}
    </Select>
  );
}
