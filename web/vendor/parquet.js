// Apache Parquet, read and written by libraries that are kept elsewhere: the
// build makes one file of them, vendor/parquet.js in the site.

export { parquetMetadata, parquetReadObjects } from 'hyparquet'
export { parquetWriteBuffer } from 'hyparquet-writer'
