-- description: One row per day, with the weather that goes with it.
with sky as (
  select origin, time_hour, wind_speed, precip, visib from weather
)
select f.day,
       count(*)                                                      as flights,
       count(*) filter (where f.fate = 'cancelled')                  as cancelled,
       round(100.0 * count(*) filter (where f.fate = 'cancelled') / count(*), 1) as cancelled_percent,
       round(avg(f.arr_delay), 1)                                    as mean_delay_minutes,
       round(avg(s.wind_speed), 1)                                   as mean_wind_mph,
       round(min(s.visib), 2)                                        as least_visibility_miles
from clean_flights as f
left join sky as s on s.origin = f.origin and s.time_hour = timezone('UTC', f.time_hour)
group by f.day
order by f.day
