/**
 * One row with everything that {@link import('./table-facts.js').readPostgresFacts} asks, in one round trip; no row = no such table.
 * Reads pg_catalog only, all of it readable by every login, and takes no lock on the table: sizes are those of the last VACUUM or ANALYZE.
 * $1 = schema or null for the search path, $2 = table.
 */
export const FACTS_QUERY = `
with t as (
  select c.oid, c.relname, c.relkind, c.reltuples, c.relispartition, c.relowner, c.relnamespace, c.relrowsecurity, c.relforcerowsecurity,
         n.nspname
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')
     and case when $1::text is null then pg_catalog.pg_table_is_visible(c.oid) else n.nspname = $1 end
), a as (
  select a.* from pg_catalog.pg_attribute a join t on a.attrelid = t.oid where a.attnum > 0 and not a.attisdropped
), uses as (
  select d.classid, d.objid, d.refobjsubid, a.attname
    from pg_catalog.pg_depend d join t on d.refobjid = t.oid join a on a.attnum = d.refobjsubid
   where d.refclassid = 'pg_catalog.pg_class'::regclass
)
select t.nspname as schema, t.relkind as kind, t.reltuples::float8 as rows,
  (select sum(c.relpages)::float8 * current_setting('block_size')::int from pg_catalog.pg_class c
    where c.oid = t.oid or c.oid in (select i.indexrelid from pg_catalog.pg_index i where i.indrelid = t.oid)
       or c.oid = (select r.reltoastrelid from pg_catalog.pg_class r where r.oid = t.oid)
       or c.oid in (select relid from pg_catalog.pg_partition_tree(t.oid))) as bytes,

  (select json_agg(json_build_object(
      'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'nullable', not a.attnotnull or exists (select from pg_catalog.pg_constraint k
        where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum] and not k.convalidated),
      'default', case when a.attgenerated = '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
      'generated', case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
      'identity', a.attidentity <> '',
      'collation', case when a.attcollation <> 0 and a.attcollation <> y.typcollation
        then (select quote_ident(n.nspname) || '.' || quote_ident(l.collname)
                from pg_catalog.pg_collation l join pg_catalog.pg_namespace n on n.oid = l.collnamespace where l.oid = a.attcollation) end,
      -- Equality is that of bytes where the type's default btree operator class says so (support function 4, "equalimage").
      'loose', b.typtype <> 'e' and not (
          exists (select from pg_catalog.pg_opclass o join pg_catalog.pg_am m on m.oid = o.opcmethod and m.amname = 'btree'
              join pg_catalog.pg_amproc p on p.amprocfamily = o.opcfamily and p.amproclefttype = o.opcintype
                and p.amprocrighttype = o.opcintype and p.amprocnum = 4
             where o.opcdefault and o.opcintype = case b.oid when 'varchar'::regtype then 'text'::regtype::oid else b.oid end)
          and not exists (select from pg_catalog.pg_collation l where l.oid = a.attcollation and not l.collisdeterministic)),
      'comment', pg_catalog.col_description(a.attrelid, a.attnum),
      'granted', a.attacl is not null) order by a.attnum)
    from a join pg_catalog.pg_type y on y.oid = a.atttypid
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    join pg_catalog.pg_type b on b.oid = (
      with recursive base(oid, kind, of) as (
        select y.oid, y.typtype, y.typbasetype
        union all select p.oid, p.typtype, p.typbasetype from base join pg_catalog.pg_type p on p.oid = base.of where base.kind = 'd')
      select base.oid from base where base.kind <> 'd')) as columns,

  (select json_agg(json_build_object(
      'name', c.relname, 'unique', i.indisunique, 'primary', i.indisprimary, 'valid', i.indisvalid and i.indisready,
      'partial', i.indpred is not null or i.indexprs is not null,
      'keys', (select json_agg((select a.attname from a where a.attnum = k.attnum) order by k.position)
        from unnest(i.indkey::int2[]) with ordinality k(attnum, position) where k.position <= i.indnkeyatts),
      'columns', (select json_agg(distinct a.attname) from a where a.attnum = any (i.indkey::int2[]) or exists (
        select from uses where uses.classid = 'pg_catalog.pg_class'::regclass and uses.objid = i.indexrelid and uses.attname = a.attname)),
      'constraint', k.conname, 'deferrable', coalesce(k.condeferrable, false),
      'definition', pg_catalog.pg_get_indexdef(i.indexrelid)) order by c.relname)
    from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
    left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.conrelid = t.oid and k.contype in ('p', 'u', 'x')
   where i.indrelid = t.oid) as indexes,

  (select json_agg(json_build_object(
      'name', k.conname, 'type', k.contype, 'validated', k.convalidated, 'deferrable', k.condeferrable,
      'columns', (select json_agg(a.attname order by u.position) from unnest(k.conkey) with ordinality u(attnum, position)
        join a on a.attnum = u.attnum),
      'expression', case k.contype when 'c' then pg_catalog.pg_get_expr(k.conbin, k.conrelid) end,
      'definition', pg_catalog.pg_get_constraintdef(k.oid)) order by k.conname)
    from pg_catalog.pg_constraint k where k.conrelid = t.oid and k.contype in ('c', 'f', 'p', 'u', 'x')) as constraints,

  (select json_agg(json_build_object(
      'name', k.conname, 'direction', case when side = 'out' then 'out' else 'in' end, 'validated', k.convalidated,
      'columns', (select json_agg(x.attname order by u.position)
        from unnest(case side when 'out' then k.conkey else k.confkey end) with ordinality u(attnum, position)
        join pg_catalog.pg_attribute x on x.attrelid = t.oid and x.attnum = u.attnum),
      'schema', n.nspname, 'table', o.relname,
      'others', (select json_agg(x.attname order by u.position)
        from unnest(case side when 'out' then k.confkey else k.conkey end) with ordinality u(attnum, position)
        join pg_catalog.pg_attribute x on x.attrelid = o.oid and x.attnum = u.attnum),
      'delete', k.confdeltype, 'update', k.confupdtype) order by k.conname)
    from unnest(array['out', 'in']) side
    join pg_catalog.pg_constraint k on k.contype = 'f' and k.conparentid = 0
      and case side when 'out' then k.conrelid = t.oid else k.confrelid = t.oid end
    join pg_catalog.pg_class o on o.oid = case side when 'out' then k.confrelid else k.conrelid end
    join pg_catalog.pg_namespace n on n.oid = o.relnamespace) as keys,

  (select json_agg(json_build_object(
      'name', g.tgname, 'type', g.tgtype, 'enabled', g.tgenabled in ('O', 'A'),
      'function', quote_ident(n.nspname) || '.' || quote_ident(p.proname),
      'digest', encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'),
      'columns', (select json_agg(distinct uses.attname) from uses
        where uses.classid = 'pg_catalog.pg_trigger'::regclass and uses.objid = g.oid)) order by g.tgname)
    from pg_catalog.pg_trigger g join pg_catalog.pg_proc p on p.oid = g.tgfoid join pg_catalog.pg_namespace n on n.oid = p.pronamespace
   where g.tgrelid = t.oid and not g.tgisinternal) as triggers,

  (select json_agg(json_build_object('kind', x.kind, 'name', x.name, 'columns', x.columns, 'certain', x.certain) order by x.kind, x.name) from (
    select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'rule' end as kind,
           quote_ident(n.nspname) || '.' || quote_ident(case when c.relkind in ('v', 'm') then c.relname else r.rulename end) as name,
           json_agg(distinct uses.attname) as columns, true as certain
      from uses join pg_catalog.pg_rewrite r on r.oid = uses.objid join pg_catalog.pg_class c on c.oid = r.ev_class
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where uses.classid = 'pg_catalog.pg_rewrite'::regclass and c.oid <> t.oid group by 1, 2
    union all
    select 'rule', quote_ident(r.rulename), json_agg(distinct uses.attname), true
      from uses join pg_catalog.pg_rewrite r on r.oid = uses.objid and r.ev_class = t.oid
     where uses.classid = 'pg_catalog.pg_rewrite'::regclass and t.relkind in ('r', 'p') group by 2
    union all
    select 'policy', quote_ident(p.polname), json_agg(distinct uses.attname), true
      from uses join pg_catalog.pg_policy p on p.oid = uses.objid
     where uses.classid = 'pg_catalog.pg_policy'::regclass group by 2
    union all
    select 'publication', quote_ident(p.pubname), json_agg(distinct uses.attname), true
      from uses join pg_catalog.pg_publication_rel r on r.oid = uses.objid join pg_catalog.pg_publication p on p.oid = r.prpubid
     where uses.classid = 'pg_catalog.pg_publication_rel'::regclass group by 2
    union all
    select 'generated column', quote_ident(g.attname), json_agg(distinct uses.attname), true
      from uses join pg_catalog.pg_attrdef d on d.oid = uses.objid join a g on g.attnum = d.adnum and g.attgenerated <> ''
     where uses.classid = 'pg_catalog.pg_attrdef'::regclass and uses.refobjsubid <> d.adnum and d.adrelid = t.oid group by 2
    union all
    select 'statistics', quote_ident(n.nspname) || '.' || quote_ident(s.stxname), json_agg(distinct uses.attname), true
      from uses join pg_catalog.pg_statistic_ext s on s.oid = uses.objid join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
     where uses.classid = 'pg_catalog.pg_statistic_ext'::regclass group by 2
    union all
    select 'function', p.oid::regprocedure::text, json_agg(distinct uses.attname), true
      from uses join pg_catalog.pg_proc p on p.oid = uses.objid where uses.classid = 'pg_catalog.pg_proc'::regclass group by 2
    union all
    -- Bodies kept as text depend on nothing that the catalogue knows: what they mention is a guess.
    select 'function', p.oid::regprocedure::text,
           (select json_agg(a.attname) from a where p.prosrc ~* ('\\m' || regexp_replace(a.attname, '(\\W)', '\\\\\\1', 'g') || '\\M')), false
      from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang and l.lanname in ('sql', 'plpgsql')
      join pg_catalog.pg_namespace n on n.oid = p.pronamespace and n.nspname not in ('pg_catalog', 'information_schema')
     where p.prosrc ~* ('\\m' || regexp_replace(t.relname, '(\\W)', '\\\\\\1', 'g') || '\\M')
       and p.proname !~ '^mg_[0-9a-f]{8}_'
  ) x where x.columns is not null) as dependents,

  (select json_agg(p.proname order by p.proname) from pg_catalog.pg_proc p
    where p.pronamespace = t.relnamespace and p.proname ~ '^mg_[0-9a-f]{8}_') as functions,
  exists (select from pg_catalog.pg_subscription_rel s where s.srrelid = t.oid) as subscriber,
  (select json_agg(pubname order by pubname) from pg_catalog.pg_publication p
    where (p.puballtables or exists (select from pg_catalog.pg_publication_rel r where r.prpubid = p.oid and r.prrelid = t.oid
        and not exists (select from uses where uses.classid = 'pg_catalog.pg_publication_rel'::regclass and uses.objid = r.oid)))) as published,
  (select quote_ident(n.nspname) || '.' || quote_ident(c.relname) from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhparent join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where i.inhrelid = t.oid limit 1) as parent,
  (select json_agg(quote_ident(n.nspname) || '.' || quote_ident(c.relname)) from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where i.inhparent = t.oid and t.relkind = 'r') as heirs,
  (select json_agg(json_build_object('column', uses.attname, 'name', quote_ident(n.nspname) || '.' || quote_ident(c.relname)))
    from uses join pg_catalog.pg_class c on c.oid = uses.objid and c.relkind = 'S' join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where uses.classid = 'pg_catalog.pg_class'::regclass) as sequences,
  current_setting('session_replication_role') = 'replica' as replica_role,
  t.relrowsecurity and pg_catalog.row_security_active(t.oid) as rows_hidden,
  pg_catalog.pg_has_role(t.relowner, 'USAGE') as owner,
  pg_catalog.has_schema_privilege(t.relnamespace, 'CREATE') as may_create,
  pg_catalog.has_table_privilege(t.oid, 'SELECT') as may_select,
  pg_catalog.has_table_privilege(t.oid, 'UPDATE') as may_update
from t`;
