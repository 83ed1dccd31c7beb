/** What `weir broker` prints when it is ready: one line, which scripts wait for and read. */

/** Where a door listens. */
interface DoorAddress {
  readonly hostname: string;
  readonly port: number;
}

const DOORS = ["kafka", "native", "http"] as const;

/**
 * The ready line, `weir ready kafka=... native=... http=... data=... in 87 ms`; a door that is `null` is off.
 *
 * @example
 * ```ts
 * readyLine({ kafka: null, native: { hostname: "127.0.0.1", port: 9292 }, http: null }, "./data", 87);
 * ```
 */
export function readyLine(
  addresses: Readonly<Record<typeof DOORS[number], DoorAddress | null>>,
  dataDirectory: string,
  elapsedMs: number,
): string {
  const doors = DOORS.map((door) => `${door}=${addressText(addresses[door])}`);
  return `weir ready ${doors.join(" ")} data=${dataDirectory} in ${Math.round(elapsedMs)} ms\n`;
}

function addressText(address: DoorAddress | null): string {
  if (address === null) return "off";
  const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
  return `${host}:${address.port}`;
}
