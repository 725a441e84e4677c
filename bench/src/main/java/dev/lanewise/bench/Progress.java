package dev.lanewise.bench;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** The progress bar of every group, on standard error. */
final class Progress {
    private static final int UPDATE_MILLIS = 1000;

    private Progress() {}

    /** A bar of so many steps; {@code unit} is what one of them is, for example {@code forks}. */
    static ProgressBar bar(String group, long steps, String unit) {
        return new ProgressBarBuilder()
                .setTaskName(group)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" " + unit, 1)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .build();
    }
}
