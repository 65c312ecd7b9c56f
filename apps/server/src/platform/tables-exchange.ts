import type { Checkpoint, Cursor, Told, Update } from '@accord/hash-exchange';
import type { ColumnType, GeneratedAlways } from 'kysely';

/** Columns with a default. */
type Defaulted<T> = ColumnType<T, T | undefined, T>;
/** `jsonb`: read parsed, written as the JSON it is. */
type Json<T> = ColumnType<T, string, string>;
/** `bigint`: read as a decimal string, written exact. */
type BigCount = ColumnType<string, string | number, string | number>;

/** The tables of the exchange with peers. */
export interface ExchangeTables {
  exchange: {
    id: GeneratedAlways<number>;
    name: string;
    kind: 'stopncii' | 'ncmec' | 'threatexchange' | 'list';
    settings: Json<Readonly<Record<string, unknown>>>;
    enabled: Defaulted<boolean>;
    tells: boolean;
    created_at: Date;
    checkpoint: ColumnType<Checkpoint | null, string | null | undefined, string | null>;
    cursor: ColumnType<Cursor | null, string | null | undefined, string | null>;
    whole: Defaulted<boolean>;
    round: Defaulted<number>;
    place: ColumnType<string, string | number | undefined, string | number>;
    tried_at: Date | null;
    contact_at: Date | null;
    completed_at: Date | null;
    failures: Defaulted<number>;
    fault: string | null;
    next_at: Date;
  };
  exchange_record: {
    exchange_id: number;
    key: string;
    said: ColumnType<Update | null, string | null, string | null>;
    place: BigCount | null;
    gone_place: BigCount | null;
    gone_at: BigCount | null;
    stands: boolean;
    round: number;
    pdq: Buffer | null;
  };
  exchange_share: { case_id: string; hash: Buffer; about: 'ncii' | 'child_safety' };
  exchange_telling: {
    exchange_id: number;
    hash: Buffer;
    wanted: boolean;
    told: ColumnType<readonly Told[] | null, string | null, string | null>;
    tries: Defaulted<number>;
    next_at: Date;
    fault: string | null;
  };
}
