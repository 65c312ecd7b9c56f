/*
 * Answers of peers, re-encoded from what the tests of Meta's python-threatexchange (BSD-3-Clause) recorded of StopNCII and NCMEC;
 * of ThreatExchange's `threat_updates` nobody has published one, and these are made after its documentation. Every value is made up.
 */

const hashA = '2afc4a5c09628a7961c14d436493bba66b89b831453baa1d556ba385554daa82';
const hashB = '79e07de27d7295339435d63cd31cf35a7bfa29eb2885008500a588a5ea3ae75a';
const hashC = '9def0b7dafa86a1c90f2abd78e79ceb25ec3d1a4b3d4bc7a4354baf7717ea038';
const hashD = '95d087d087f8f41cf00771c707f713c7675d07f8c618f00ef00f07f307e37087';
/** Digits alone: a number to whoever guesses. */
const hashE = '1234567890123456789012345678901234567890123456789012345678901234';
export const recordedHashes = [hashA, hashB, hashC, hashD, hashE] as const;

/** StopNCII: two pages of one window (the second begins the next set earlier than the first), then a later window. */
export const stopNciiPages = [
  {
    count: 2,
    nextSetTimestamp: 1625175071,
    nextPageToken: 'W3siY29tcG9zaXRlVG9rZW4iOnsidG9rZW4iOiIrUklEOn4x',
    hasMoreRecords: true,
    hashRecords: [
      {
        lastModtimestamp: 1625167804,
        hashValue: hashA,
        hashStatus: 'Received',
        caseNumbers: {
          '27664732-76e1-4a17-8099-455798e67022': 'Received',
          'a2696edf-1237-4eb8-a9c1-cd8ee6c055e5': 'Received',
        },
        signalType: 'ImagePDQ',
      },
      {
        lastModtimestamp: 1625167844,
        hashValue: hashB,
        hashStatus: 'Received',
        caseNumbers: { 'bd2bff7c-8160-4615-8dce-38c2f066d1ac': 'Received' },
        signalType: 'ImagePDQ',
      },
    ],
  },
  {
    count: 1,
    nextSetTimestamp: 1625167824,
    nextPageToken: 'W3siY29tcG9zaXRlVG9rZW4iOnsidG9rZW4iOiIrUklEOn44',
    hasMoreRecords: false,
    hashRecords: [
      {
        lastModtimestamp: 1625175071,
        hashValue: hashC,
        hashStatus: 'Active',
        caseNumbers: { 'cc592711-7068-442f-b5d2-24d50d389751': 'Active' },
        signalType: 'ImagePDQ',
        CSPFeedbacks: [{ source: 'Facebook', feedbackValue: 'Blocked', tags: ['Nude', 'Objectionable'] }],
      },
    ],
  },
] as const;

/** What StopNCII tells later: a word that nobody documents, regions, types of which we search none, and a person who took theirs back. */
export const stopNciiLater = {
  count: 5,
  nextSetTimestamp: 1661426990,
  hasMoreRecords: false,
  hashRecords: [
    {
      lastModtimestamp: 1661426988,
      hashValue: hashD,
      hashStatus: 'Active',
      caseNumbers: {
        'bce008ff-e114-4815-9de8-8f4a50bfd471': 'Active',
        '504b123a-0fd9-4b95-b7ad-42abf88a1d09': 'Received',
      },
      signalType: 'ImagePDQ',
      hashRegions: ['UK'],
      CSPFeedbacks: [
        { source: 'TikTok', feedbackValue: 'Undefined', tags: ['Tag-One', 'Tag-eight'] },
        { source: 'Twitter', feedbackValue: 'NotBlocked', tags: [] },
      ],
    },
    {
      lastModtimestamp: 1661426989,
      hashValue: hashA,
      hashStatus: 'Withdrawn',
      caseNumbers: {},
      signalType: 'ImagePDQ',
    },
    {
      lastModtimestamp: 1661426989,
      hashValue: 'FACEFACEFACEFACEFACEFACEFACEFACE',
      hashStatus: 'Active',
      caseNumbers: {},
      signalType: 'VideoMD5',
    },
    {
      lastModtimestamp: 1661426990,
      hashValue: 'AAAA',
      hashStatus: 'Paused',
      caseNumbers: {},
      signalType: 'VideoTMK',
    },
    {
      lastModtimestamp: 1661426990,
      hashValue: 'p-dna',
      hashStatus: 'Active',
      caseNumbers: {},
      signalType: 'ImagePhotoDNA',
    },
  ],
} as const;

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const space = 'xmlns="https://hashsharing.ncmec.org/hashsharing/v2"';
const window = 'from=2017-10-20T00%3A00%3A00.000Z&amp;to=2017-10-30T00%3A00%3A00.000Z';
const next = (start: number, max: number): string =>
  `<paging><next>/v2/entries?${window}&amp;start=${start}&amp;size=1000&amp;max=${max}</next></paging>`;

/** NCMEC: four chained pages; the last one's update is older than what it replaces. */
export const ncmecPages = [
  `${head}<queryResult ${space}>
<images count="2" maxTimestamp="2017-10-24T15:10:00Z">
  <image><member id="42">Example Member</member><timestamp>2017-10-24T15:00:00Z</timestamp><id>image1</id>
    <classification>A1</classification>
    <fingerprints><md5>a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1</md5><sha1>a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1</sha1><pdna>a1a1a1a1a1a1...</pdna></fingerprints>
    <feedback lastUpdateTimestamp="2023-06-01T12:48:14Z">
      <affirmativeFeedback type="Md5" lastUpdateTimestamp="2023-06-01T12:48:14Z"><members timestamp="2023-06-01T12:48:14Z"><member id="43">Example Member2</member></members></affirmativeFeedback>
      <negativeFeedback type="Sha1" lastUpdateTimestamp="2023-05-31T19:41:51Z"><reasons><reason guid="01234567-abcd-0123-4567-012345678900" name="Example Reason 1" type="Sha1"/><members timestamp="2023-06-01T12:48:14Z"><member id="42">Example Member</member></members></reasons></negativeFeedback>
    </feedback></image>
  <deletedImage><member id="43">Example Member2</member><id>image4</id><timestamp>2017-10-24T15:10:00Z</timestamp></deletedImage>
</images>
<videos count="2" maxTimestamp="2017-10-24T15:20:00Z">
  <video><member id="42">Example Member</member><timestamp>2017-10-24T15:00:00Z</timestamp><id>video1</id>
    <fingerprints><md5>b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1</md5><sha1>b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1</sha1></fingerprints></video>
  <deletedVideo><member id="42">Example Member</member><id>video4</id><timestamp>2017-10-24T15:20:00Z</timestamp></deletedVideo>
</videos>${next(2001, 3000)}</queryResult>`,
  // A single child.
  `${head}<queryResult ${space}>
<images count="1" maxTimestamp="2019-10-24T15:10:00Z">
  <image><member id="42">Example Member</member><timestamp>2019-10-24T15:00:00Z</timestamp><id>image10</id><classification>A1</classification>
    <fingerprints><md5>b1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1</md5><pdq>${hashB}</pdq></fingerprints><feedback /></image>
</images>${next(3001, 4000)}</queryResult>`,
  `${head}<queryResult ${space}>
<videos count="2" maxTimestamp="2019-11-25T15:10:00Z">
  <video><member id="101">TX Example</member><timestamp>2019-11-25T15:10:00Z</timestamp><id>willupdate</id><classification>A1</classification><fingerprints><md5>facefacefacefacefacefacefaceface</md5></fingerprints></video>
  <video><member id="101">TX Example</member><timestamp>2019-11-24T15:10:00Z</timestamp><id>willdelete</id><classification>A1</classification><fingerprints><md5>bacebacebacebacebacebacebacebace</md5></fingerprints></video>
</videos>${next(4001, 5000)}</queryResult>`,
  `${head}<queryResult ${space}>
<videos count="2" maxTimestamp="2019-11-24T15:10:00Z">
  <video><member id="101">TX Example</member><timestamp>2019-11-24T15:10:00Z</timestamp><id>willupdate</id><classification>A2</classification><fingerprints><md5>facefacefacefacefacefacefaceface</md5></fingerprints></video>
  <deletedVideo><member id="101">TX Example</member><timestamp>2019-11-25T15:10:00Z</timestamp><id>willdelete</id></deletedVideo>
</videos></queryResult>`,
] as const;

/** Later: one picture whose PDQ and id are digits alone, one with a fingerprint too large for the page, one without a zone in its time. */
export const ncmecLater = `${head}<queryResult ${space}>
<images count="2" maxTimestamp="2019-12-01T00:00:00Z">
  <image><member id="007">Digits</member><timestamp>2019-12-01T00:00:00Z</timestamp><id>007</id><classification>B2</classification><fingerprints><pdq>${hashE}</pdq></fingerprints></image>
  <image><member id="42">Example Member</member><timestamp>2019-12-01T00:00:00</timestamp><id>large</id><fingerprints><md5>facefacefacefacefacefacefaceface</md5><tmk-pdqf rel="self" href="/v2/entries/1/fingerprints/TMK_PDQF"/></fingerprints></image>
</images></queryResult>`;

export const ncmecEmpty = `${head}<queryResult ${space}><images count="0"/><videos count="0"/></queryResult>`;

const descriptor = (id: string, owner: string, status: string, more: object = {}) => ({
  id,
  owner: { id: owner },
  status,
  tags: ['ncii'],
  ...more,
});
/** ThreatExchange: two pages, then what it tells later. `next` is the peer's to fill in. */
export const threatUpdates = [
  [
    {
      id: '1',
      indicator: hashA,
      type: 'HASH_PDQ',
      last_updated: 1700000000,
      should_delete: false,
      descriptors: {
        data: [
          descriptor('11', '501', 'MALICIOUS', {
            tags: { data: [{ text: 'ncii' }, { text: 'reviewed' }] },
            reactions: [
              { key: 'HELPFUL', value: '502,503' },
              { key: 'DISAGREE_WITH_TAGS', value: '504' },
              { key: 'SOMETHING_NEW', value: '505' },
            ],
          }),
        ],
      },
    },
    {
      id: '2',
      indicator: hashB.toUpperCase(),
      type: 'HASH_PDQ',
      last_updated: 1700000010,
      should_delete: false,
      descriptors: { data: [descriptor('12', '501', 'UNKNOWN')] },
    },
  ],
  [
    {
      id: '3',
      indicator: 'facefacefacefacefacefacefaceface',
      type: 'HASH_MD5',
      last_updated: 1700000020,
      should_delete: false,
      descriptors: { data: [descriptor('13', '502', 'NON_MALICIOUS', { tags: ['media_type_video'] })] },
    },
    {
      id: '4',
      indicator: hashC,
      type: 'HASH_PDQ',
      last_updated: 1700000030,
      should_delete: false,
      descriptors: { data: [descriptor('14', '501', 'MALICIOUS')] },
    },
  ],
  [
    { id: '1', indicator: hashA, type: 'HASH_PDQ', last_updated: 1700000040, should_delete: true },
    // A deletion that does not say so.
    { id: '4', indicator: hashC, type: 'HASH_PDQ', last_updated: 1700000041, should_delete: false },
  ],
] as const;
