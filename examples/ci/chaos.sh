#!/bin/sh
# Run the experiments, write the JUnit that the pipeline shows, and end as the runs did.
status=0
chaos-runner run experiments/*.yml --inventory inventory --runs runs --yes || status=$?
for run in runs/*/; do
  chaos-runner report "$run" --format junit --output-file "${run}junit.xml"
done
exit $status
