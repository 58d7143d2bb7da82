-- description: One row per flight, with the airport and airline by name and what became of it.
select f.carrier,
       l.name                                          as airline,
       f.flight,
       f.tailnum,
       f.origin,
       f.dest,
       coalesce(a.name, f.dest)                        as destination,
       make_date(f.year, f.month, f.day)               as day,
       make_timestamp(f.year, f.month, f.day, f.sched_dep_time // 100, f.sched_dep_time % 100, 0) as departs_at,
       f.time_hour,
       f.dep_delay,
       f.arr_delay,
       f.distance,
       p.seats,
       case when f.dep_time is null then 'cancelled'
            when f.arr_delay is null then 'diverted'
            else 'arrived' end                         as fate
from flights as f
left join airlines as l on l.code = f.carrier
left join airports as a on a.faa = f.dest
left join planes as p on p.tailnum = f.tailnum
