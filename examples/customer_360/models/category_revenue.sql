-- description: Revenue by month and category.
select date_trunc('month', ordered_at)::date  as month,
       category,
       count(*)                               as orders,
       sum(quantity)                          as pieces,
       sum(revenue)                           as revenue
from order_values
group by all
order by month, category
