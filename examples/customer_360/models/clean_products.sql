-- description: One row per product; prices with a decimal comma are read, those that are none become null.
select sku,
       title,
       category,
       try_cast(replace(price, ',', '.') as decimal(10, 2)) as price
from products
