-- A lane whose deliveries are refused for good in a row, all with one code, stands still: seldom are all of them wrong.

alter table cursor
    add column run_code text,  -- the code, while the lane stands still for it
    add column accepted text,  -- `CODE ID`: a person has said that those up to the delivery that this code refuses are wrong themselves
    add constraint cursor_run check (run_code is null or stopped is not null);
