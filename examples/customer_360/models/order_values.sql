-- description: Orders that count (the cancelled do not), with the category of what was bought.
select o.order_id,
       o.customer_id,
       o.ordered_at,
       p.category,
       o.quantity,
       o.amount as revenue
from orders as o
join products as p using (sku)
where o.status <> 'cancelled'
