/** The DZero group's own three tables, as they knew them, over ours. */
export const VIEWS = `
-- The files table of the DZero reprocessing: one row an input or output.
CREATE VIEW files (
  job_name, -- the batch job that last worked on it, or made it
  type, -- its data tier
  sam_status, -- in catalog, not declared, declared, located
  status, -- its state
  location_status, -- present, absent, deleted, unknown
  file_name, -- its name
  location, -- store:path
  number_of_events, -- events in it
  file_size, -- bytes
  parent, -- the file it was made from
  run, -- the run
  dataset -- the dataset's name
) AS
SELECT
  (SELECT s.name FROM attempts a JOIN submissions s ON s.id = a.submission_id
    WHERE a.id = COALESCE(f.attempt_id,
      (SELECT max(last.id) FROM attempts last WHERE last.file_id = f.id AND last.phase = 'process'))),
  f.data_tier,
  CASE WHEN f.kind = 'input' THEN 'in catalog'
       WHEN o.state IN ('declared', 'located') THEN o.state ELSE 'not declared' END,
  COALESCE(i.state, o.state),
  CASE WHEN f.kind = 'input' THEN CASE WHEN i.copy_path IS NULL THEN 'absent' ELSE 'present' END
       WHEN o.state = 'deleted' THEN 'deleted' WHEN o.state = 'lost' THEN 'absent' ELSE 'present' END,
  f.name,
  CASE WHEN f.kind = 'input' THEN (g.loaded #>> '{spec,input,store}') || ':' || i.copy_path
       ELSE f.store || ':' || f.path END,
  f.event_count,
  f.size_bytes,
  parent.name,
  f.run,
  d.name
FROM file_details f
JOIN datasets d ON d.id = f.dataset_id
JOIN generations g ON g.dataset_id = d.id AND g.number = d.generation
LEFT JOIN input_states i ON i.file_id = f.id
LEFT JOIN output_states o ON o.file_id = f.id
LEFT JOIN file_details parent ON parent.id = f.parent_id;

-- The jobs table of the DZero reprocessing: one row a job, transfers too.
CREATE VIEW jobs (
  request_id, -- the dataset's request
  unique_job_name, -- the submission's name, and the index where it has several jobs
  job_type, -- d0reco, bbftp, …
  status, -- pending, running, done, error, lost
  ref_job_name -- the job it follows
) AS
SELECT d.request_id, s.name || CASE WHEN j.index = 0 THEN '' ELSE ':' || j.index END, j.type, j.status,
  ref.name || CASE WHEN j.ref_index = 0 THEN '' ELSE ':' || j.ref_index END
FROM submission_jobs j
JOIN submissions s ON s.id = j.submission_id
JOIN datasets d ON d.id = s.dataset_id
LEFT JOIN submissions ref ON ref.id = j.ref_submission_id;

-- The job descriptions of the DZero reprocessing: one row a request, type and generation.
CREATE VIEW job_descriptions (
  request_id, -- the dataset's request
  job_type, -- d0reco, bbftp, …
  macro, -- the macro the job runs
  hpss_location, -- where the inputs lie
  batch_arguments, -- resources and options given to the batch system
  generation -- the generation of the spec
) AS
SELECT d.request_id, g.loaded #>> '{spec,job,type}', g.loaded #>> '{spec,job,macro}',
  (g.loaded #>> '{spec,input,store}') || ':' || (g.loaded #>> '{spec,input,path}'),
  ((g.loaded #> '{spec,job,resources}') || (g.loaded #> '{site,batch,options}') || (g.loaded #> '{spec,job,options}'))::text,
  g.number
FROM generations g JOIN datasets d ON d.id = g.dataset_id
UNION ALL
SELECT d.request_id, mover.value ->> 'driver', NULL, mover.value ->> 'to', (mover.value -> 'options')::text, g.number
FROM generations g JOIN datasets d ON d.id = g.dataset_id,
  jsonb_array_elements(g.loaded #> '{site,movers}') AS mover;
`;
