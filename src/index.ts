/** What `import ... from 'kith'` gives: all of the package that is promised. Importing it opens and starts nothing. */

export type { Kith, OpenOptions } from './embed/kith.ts'
export { openKith } from './embed/open.ts'
export type {
  AssertionsRequest,
  BatchCheckAnswer,
  BatchCheckItem,
  BatchCheckRequest,
  BatchCheckResult,
  DryRun,
  HistoryRequest,
  ImportRequest,
  ModelRequest,
  ModelsRequest,
  ModelVersion,
  NoDryRun,
  Precondition,
  ReadRequest,
  StoresRequest,
  StreamListObjectsRequest,
  TupleFilter,
  WriteModelRequest,
  WriteRequest,
} from './embed/requests.ts'
export { Fault, type FaultCode } from './lib/fault.ts'
export type { Json, JsonObject } from './lib/json.ts'
export type { AssertionJson } from './model/assertion.ts'
export type { ModelJson } from './model/json.ts'
export type { MemoryReport } from './service/memory.ts'
export type {
  Answer,
  ChangeRequest,
  ChangesAnswer,
  ChangesRequest,
  CheckAnswer,
  CheckRequest,
  DifferenceAnswer,
  DifferencePaging,
  DifferenceRow,
  ExpandAllAnswer,
  ExpandAllRequest,
  ExpandAnswer,
  ExpandRequest,
  ExplainAnswer,
  ExplainRequest,
  ImportAnswer,
  ListObjectsAnswer,
  ListObjectsRequest,
  ListUsersAnswer,
  ListUsersRequest,
  LogFilter,
  LoggedChange,
  QuestionRequest,
  ReadAnswer,
  StoreChangesAnswer,
  StoreChangesRequest,
  StoreRequest,
  WatchRequest,
  WriteAnswer,
  WriteAssertionsRequest,
} from './service/requests.ts'
export type { StoreChange, StoreRecord } from './storage/storage.ts'
export type { Provenance, StoredTuple, Tuple, TupleCondition, TupleKey } from './tuple/tuple.ts'
