-- description: One row per person, as last written in the CRM.
with people as (
  select i.customer_id, min(c.created_on) as customer_since
  from customers as c
  join customer_ids as i using (id)
  group by i.customer_id
)
select p.customer_id,
       trim(c.name)          as name,
       lower(trim(c.email))  as email,
       c.phone,
       case upper(trim(c.country))
         when 'GERMANY' then 'DE'
         when 'FRANCE' then 'FR'
         when 'UK' then 'GB'
         else upper(trim(c.country))
       end                   as country,
       p.customer_since,
       c.updated_at
from people as p
join customers as c on c.id = p.customer_id
