/** Who is connected: connections one by one, and the clients they belong to. */
import { html } from "hono/html";
import type { ConnectionView } from "../view.ts";
import { empty, heading, type Html, type PageContext, show, type Site, table } from "./layout.ts";
import { pageOf } from "./paging.ts";
import { bytes, count, counted, duration } from "./words.ts";

/** Clients told apart on one page. */
const CLIENTS_MAX = 100;

export async function clients(site: Site, context: PageContext): Promise<Response> {
  await site.pulse.look();
  const nowMs = site.view.nowMs();
  const wanted = (context.req.query("find") ?? "").trim().toLowerCase();
  const all = site.view.connections();
  const found = all.filter(({ clientId, software, remote, door }) =>
    `${clientId} ${software} ${remote} ${door}`.toLowerCase().includes(wanted)
  );
  const sorted = [...found].sort((a, b) => b.bytesIn + b.bytesOut - a.bytesIn - a.bytesOut);
  const { rows, foot } = pageOf(context, sorted, "connection");
  const body = html`${heading("Clients")}
<form class="line" method="get" role="search"><label>Find a connection
<input type="search" name="find" value="${wanted}" placeholder="client id, software or address" autocomplete="off" spellcheck="false"></label>
<button type="submit">Find</button></form>
${
    found.length === 0
      ? nothing(site, wanted)
      : html`<h2>Clients</h2>${byClient(found)}<h2>Connections</h2>${connections(rows, nowMs)}${foot}`
  }`;
  return await show(site, context, { title: "Clients", section: "Clients", body });
}

function nothing({ view }: Site, wanted: string): Html {
  if (wanted !== "") {
    return empty(`No connection fits "${wanted}"`, html`<a href="/clients">Show all connections</a>`);
  }
  const { kafka, native } = view.identity.addresses;
  return empty(
    "Nobody is connected",
    html`Kafka clients connect to <code>${kafka ?? "a door that is off"}</code>, native ones to <code>${
      native ?? "a door that is off"
    }</code>.`,
  );
}

function byClient(connections: readonly ConnectionView[]): Html {
  const sums = clientsOf(connections);
  const rows = sums.slice(0, CLIENTS_MAX).map(({ clientId, software, connections, requests, bytes: size }) =>
    html`
      <tr>
        <th scope="row"><bdi title="${clientId}">${clientId || "no name"}</bdi></th>
        <td><bdi>${software || "–"}</bdi></td>
        <td class="number">${count(connections)}</td>
        <td class="number">${count(requests)}</td>
        <td class="number">${bytes(size)}</td>
      </tr>
    `
  );
  const left = sums.length - rows.length;
  return html`${table("Clients", ["Client", "Software", "#Connections", "#Requests", "#Bytes"], rows)}${
    left > 0 ? html`<p class="words">${counted(left, "client")} more, with fewer bytes</p>` : ""
  }`;
}

interface Client {
  readonly clientId: string;
  readonly software: string;
  connections: number;
  requests: number;
  bytes: number;
}

/** Connections that call themselves the same and run the same software, those with most bytes first. */
function clientsOf(connections: readonly ConnectionView[]): Client[] {
  const clients = new Map<string, Client>();
  for (const { clientId, software, requests, bytesIn, bytesOut } of connections) {
    const name = JSON.stringify([clientId, software]);
    const client = clients.get(name) ?? { clientId, software, connections: 0, requests: 0, bytes: 0 };
    client.connections++;
    client.requests += requests;
    client.bytes += bytesIn + bytesOut;
    clients.set(name, client);
  }
  return [...clients.values()].sort((a, b) => b.bytes - a.bytes);
}

function connections(all: readonly ConnectionView[], nowMs: number): Html {
  const rows = all.map(({ door, remote, clientId, openedMs, requests, bytesIn, bytesOut, waiting }) =>
    html`
      <tr>
        <th scope="row"><code>${remote}</code></th>
        <td><bdi>${clientId || "no name"}</bdi></td>
        <td>${door}</td>
        <td class="number">${duration(Math.max(0, nowMs - openedMs))}</td>
        <td class="number">${count(requests)}</td>
        <td class="number">${bytes(bytesIn)}</td>
        <td class="number">${bytes(bytesOut)}</td>
        <td class="number">${count(waiting)}</td>
      </tr>
    `
  );
  return table("Connections", [
    "Address",
    "Client",
    "Door",
    "#Open for",
    "#Requests",
    "#Received",
    "#Sent",
    "#Waiting",
  ], rows);
}
