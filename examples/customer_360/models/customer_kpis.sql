-- description: One row per customer, buyers and others.
with bought as (
  select customer_id,
         count(*)                                as orders,
         sum(revenue)                            as revenue,
         min(ordered_at)                         as first_order_at,
         max(ordered_at)                         as last_order_at,
         arg_max(category, (revenue, category))  as dearest_category
  from order_values
  group by customer_id
)
select c.customer_id,
       c.name,
       c.email,
       c.country,
       c.customer_since,
       coalesce(b.orders, 0)   as orders,
       coalesce(b.revenue, 0)  as revenue,
       b.first_order_at,
       b.last_order_at,
       b.dearest_category,
       case when b.orders is null then 'none'
            when b.revenue >= 800 then 'best'
            when b.orders >= 3 then 'regular'
            else 'new' end     as segment
from customers as c
left join bought as b using (customer_id)
