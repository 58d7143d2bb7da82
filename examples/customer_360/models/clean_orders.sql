-- description: Orders of people; a buyer whom the CRM does not know keeps their number and is found by a check.
select o.order_id,
       coalesce(i.customer_id, o.customer_id) as customer_id,
       o.sku,
       o.ordered_at,
       o.quantity,
       o.amount,
       o.status,
       o.updated_at
from orders as o
left join customer_ids as i on i.id = o.customer_id
