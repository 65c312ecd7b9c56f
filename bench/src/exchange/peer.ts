/** A peer with as many records as it is told, for the benchmark: `node peer.ts RECORDS PORT`. */
import { createHash } from 'node:crypto';
import { type Answer, type Heard, LoopbackPeer } from '../../../apps/server/test/exchange/peers.ts';

const records = Number(process.argv[2]);
const second = 1_700_000_000;

const hashOf = (n: number): string => createHash('sha256').update(String(n)).digest('hex');

/** The protocols of the large peers, each with the same records in pages of the size that it uses. */
class ManyRecords extends LoopbackPeer {
  answer({ path, query }: Heard): Answer {
    if (path.endsWith('/FetchHashes')) return this.#stopNcii(query);
    return path.endsWith('/threat_updates/') ? this.#threatExchange(path, query) : this.#ncmec(query);
  }

  #threatExchange(path: string, query: URLSearchParams): Answer {
    const size = Number(query.get('limit'));
    const first = Number(query.get('start_time')) >= second ? records : Number(query.get('after') ?? 0);
    const last = Math.min(records, first + size);
    const data = Array.from({ length: last - first }, (_, at) => ({
      id: String(first + at),
      indicator: hashOf(first + at),
      type: 'HASH_PDQ',
      last_updated: second,
      should_delete: false,
      descriptors: {
        data: [
          {
            id: `${first + at}1`,
            owner: { id: '42' },
            status: 'MALICIOUS',
            tags: { data: [{ id: '1', text: 'ncii' }] },
            ...(at % 4 === 0 && { reactions: [{ key: 'HELPFUL', value: '43,44' }] }),
          },
        ],
      },
    }));
    const next = `${this.origin}${path}?start_time=0&limit=${size}&after=${last}&access_token=7%7Csecret`;
    return { body: JSON.stringify({ data, ...(last < records && { paging: { next } }) }) };
  }

  #stopNcii(query: URLSearchParams): Answer {
    const pageSize = Number(query.get('pageSize'));
    const since = Number(query.get('startTimestamp'));
    const first = since >= second ? records : Number(query.get('nextPageToken') ?? 0);
    const last = Math.min(records, first + pageSize);
    const hashRecords = Array.from({ length: last - first }, (_, at) => ({
      lastModtimestamp: second,
      hashValue: hashOf(first + at),
      hashStatus: 'Active',
      caseNumbers: { 'cc592711-7068-442f-b5d2-24d50d389751': 'Active' },
      signalType: 'ImagePDQ',
      CSPFeedbacks: at % 4 === 0 ? [{ source: 'Example', feedbackValue: 'Blocked', tags: ['Nude'] }] : [],
    }));
    const more = last < records;
    const body = JSON.stringify({
      count: hashRecords.length,
      nextSetTimestamp: second,
      hasMoreRecords: more,
      ...(more && { nextPageToken: String(last) }),
      hashRecords,
    });
    return { body };
  }

  #ncmec(query: URLSearchParams): Answer {
    const began = Date.parse(query.get('from') ?? '') > 0;
    const first = began ? records : Number(query.get('start') ?? 1) - 1;
    const last = Math.min(records, first + 1000);
    const images = Array.from({ length: last - first }, (_, at) => {
      const hash = hashOf(first + at);
      return `<image><member id="42">Example</member><timestamp>2023-11-14T22:13:20Z</timestamp><id>${first + at}</id><classification>A1</classification><fingerprints><md5>${hash.slice(0, 32)}</md5><sha1>${hash.slice(0, 40)}</sha1><pdq>${hash}</pdq></fingerprints></image>`;
    });
    const next = `/v2/entries?from=1970&amp;start=${last + 1}&amp;size=1000&amp;max=${Math.min(records, 300_000)}`;
    const paging = last < records ? `<paging><next>${next}</next></paging>` : '';
    const body = `<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><images count="${images.length}">${images.join('')}</images>${paging}</queryResult>`;
    return { type: 'application/xml', body };
  }
}

const peer = await new ManyRecords().start(Number(process.argv[3]));
// Nothing of what it heard is looked at.
peer.onRequest = () => {
  peer.heard.length = 0;
};
process.stdout.write('listens\n');
