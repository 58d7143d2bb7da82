-- description: |
--   For every id of the CRM the id under which its person is kept: that of the newest record with the same address.
select id,
       last_value(id) over (
         partition by lower(trim(email)) order by updated_at, id
         rows between unbounded preceding and unbounded following
       ) as customer_id
from customers
