/** The contract of storage, over both media. */
import { storageSuite } from '../suite/storage.suite.ts'

storageSuite('memory')
storageSuite('LevelDB')
