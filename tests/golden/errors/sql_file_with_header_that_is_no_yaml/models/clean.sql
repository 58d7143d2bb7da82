-- description: one: two
select id from customers
