-- description: One row per airline, the least punctual first.
select carrier,
       any_value(airline)                                            as airline,
       count(*)                                                      as flights,
       count(*) filter (where fate = 'cancelled')                    as cancelled,
       round(100.0 * count(*) filter (where fate = 'cancelled') / count(*), 1) as cancelled_percent,
       round(avg(arr_delay), 1)                                      as mean_delay_minutes,
       round(100.0 * count(*) filter (where arr_delay <= 15) / nullif(count(*) filter (where fate = 'arrived'), 0), 1)
                                                                     as on_time_percent
from clean_flights
group by carrier
order by on_time_percent
