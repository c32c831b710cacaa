/** The database's clock: the one that all nodes share. */

/** Milliseconds as a number that stands still in tests; undefined = the database's own time. */
export type DatabaseTime = () => number | undefined;

/** SQL of the present moment in Unix milliseconds. @param place  of the parameter that `DatabaseTime` gives: `$1` */
export function nowSql(place: string): string {
  return `coalesce(${place}::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`;
}
