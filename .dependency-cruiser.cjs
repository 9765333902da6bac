/** The picture in ARCHITECTURE.md, held by a tool: who may import whom. */
const PURE = '^src/(wire|pieces|holdings|gossip|metainfo)/';
/** Of the tracker: who announces what, and what is answered; its sockets, files and stores are around this. */
const PURE_TRACKER =
  '^src/tracker-server/(registry/|udp/(?!udp-tracker\\.ts$)|access/address-|(half-sip-hash|unix-seconds)\\.ts$)';
/** Of the assignment's program: configuration, log, verdicts, and who is waited for; files and links are around them. */
const PURE_CLASSROOM =
  '^src/classroom/(config/(?!(read|write)-project)|log/(?!log-file)|check/(?!read-)|' +
  'run/(roster|ending|missing-peers|welcome)\\.ts$)';
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-parts-touch-no-system',
      comment: 'Protocol code and decisions get bytes, state, time and randomness handed in.',
      severity: 'error',
      from: { path: PURE },
      to: {
        dependencyTypes: ['core'],
        // Pure functions over bytes: digests and checksums.
        pathNot: ['^(node:)?(crypto|zlib)$'],
      },
    },
    {
      name: 'pure-parts-import-only-pure-parts',
      severity: 'error',
      from: { path: PURE },
      to: {
        path: '^src/',
        pathNot: [PURE, '^src/(errors|limits)\\.ts$', '^src/platform/(clock|random|endpoint)\\.ts$'],
      },
    },
    {
      name: 'tracker-decisions-touch-no-system',
      severity: 'error',
      from: { path: PURE_TRACKER },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'tracker-decisions-import-only-pure-parts',
      severity: 'error',
      from: { path: PURE_TRACKER },
      to: {
        path: '^src/',
        pathNot: [
          PURE,
          PURE_TRACKER,
          '^src/tracker-server/store/peer-store\\.ts$',
          '^src/(errors|limits)\\.ts$',
          '^src/platform/(clock|random|endpoint)\\.ts$',
        ],
      },
    },
    {
      name: 'classroom-decisions-touch-no-system',
      severity: 'error',
      from: { path: PURE_CLASSROOM },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'classroom-decisions-import-only-pure-parts',
      severity: 'error',
      from: { path: PURE_CLASSROOM },
      to: {
        path: '^src/',
        pathNot: [
          PURE,
          PURE_CLASSROOM,
          '^src/(errors|limits)\\.ts$',
          '^src/platform/(clock|random|endpoint)\\.ts$',
          '^src/peer/strict/says-id\\.ts$',
        ],
      },
    },
    {
      name: 'classroom-is-a-program-of-its-own',
      comment: 'It shares the parts below the node, and nothing of what finds peers.',
      severity: 'error',
      from: { path: '^src/classroom/' },
      to: { path: '^src/(node|discovery|gossip|trackers|tracker-server|diagnosis)/' },
    },
    {
      name: 'only-cli-and-index-import-classroom',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(classroom|cli)/|^src/index\\.ts$' },
      to: { path: '^src/classroom/' },
    },
    {
      name: 'sockets-only-in-platform',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/' },
      to: { dependencyTypes: ['core'], path: '^(node:)?(net|dgram|tls|http|https|dns)$' },
    },
    {
      name: 'files-only-at-the-edge',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/(platform|storage|hashing|cli|tracker-server/(access|store))/',
          '^src/classroom/(config/(read|write)-project|check/read-(run|log|files)|content/open-(given-file|project-content)|log/log-file)\\.ts$',
        ],
      },
      to: { dependencyTypes: ['core'], path: '^(node:)?fs(/promises)?$' },
    },
    {
      name: 'only-the-command-line-knows-its-libraries',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: 'node_modules/(commander|pino)/' },
    },
    {
      name: 'nobody-imports-the-command-line',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'only-cli-and-index-import-node',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(node|cli)/|^src/index\\.ts$' },
      to: { path: '^src/node/' },
    },
    {
      name: 'transfer-does-not-know-discovery',
      comment: 'The node hands peers to a transfer; how they were found is not its business.',
      severity: 'error',
      from: { path: '^src/transfer/' },
      to: { path: '^src/discovery/' },
    },
    {
      name: 'hashing-does-not-know-storage',
      comment: 'Storage hashes what it re-reads; the arrow runs one way.',
      severity: 'error',
      from: { path: '^src/hashing/' },
      to: { path: '^src/storage/' },
    },
    {
      name: 'storage-and-discovery-stand-alone',
      severity: 'error',
      from: { path: '^src/(storage|hashing|discovery)/' },
      to: { path: '^src/(node|transfer|cli)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
