"""The benchmark: ``make bench``. Speed and peak memory of the main job, beside a floor and a peer of the same run."""
