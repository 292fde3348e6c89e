interface Link {
  readonly rel: string;
  readonly href: string;
  readonly method: string;
  readonly targetSchema?: string;
}

/** The `_links` of one member: as large as the member itself, which is why clients exclude them. */
export function memberLinks(base: string, listId: string, memberId: string): Link[] {
  const list = `${base}/lists/${listId}/members`;
  const self = `${list}/${memberId}`;
  const response = schema(base, 'Lists/Members/Response.json');
  return [
    { rel: 'self', href: self, method: 'GET', targetSchema: response },
    {
      rel: 'parent',
      href: list,
      method: 'GET',
      targetSchema: schema(base, 'Lists/Members/CollectionResponse.json'),
    },
    { rel: 'update', href: self, method: 'PATCH', targetSchema: response },
    { rel: 'upsert', href: self, method: 'PUT', targetSchema: response },
    { rel: 'delete', href: self, method: 'DELETE' },
    {
      rel: 'activity',
      href: `${self}/activity`,
      method: 'GET',
      targetSchema: schema(base, 'Lists/Members/Activity/Response.json'),
    },
    {
      rel: 'goals',
      href: `${self}/goals`,
      method: 'GET',
      targetSchema: schema(base, 'Lists/Members/Goals/Response.json'),
    },
    {
      rel: 'notes',
      href: `${self}/notes`,
      method: 'GET',
      targetSchema: schema(base, 'Lists/Members/Notes/CollectionResponse.json'),
    },
    {
      rel: 'events',
      href: `${self}/events`,
      method: 'POST',
      targetSchema: schema(base, 'Lists/Members/Events/POST.json'),
    },
    { rel: 'delete_permanent', href: `${self}/actions/delete-permanent`, method: 'POST' },
  ];
}

/** The `_links` of a list, or of a collection at `path`. */
export function pathLinks(base: string, path: string): Link[] {
  const parent = path.slice(0, path.lastIndexOf('/'));
  return [
    { rel: 'self', href: `${base}${path}`, method: 'GET' },
    { rel: 'parent', href: `${base}${parent}`, method: 'GET' },
  ];
}

function schema(base: string, name: string): string {
  return `${base.replace(/\/3\.0$/, '')}/schema/3.0/Definitions/${name}`;
}
