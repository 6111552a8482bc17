<?php

namespace App\Health;

use Throwable;

final class Storage implements Probe
{
    public function checks(): array
    {
        $file = storage_path('app/health-'.getmypid());
        try {
            file_put_contents($file, 'written');
            $read = file_get_contents($file);
            unlink($file);
        } catch (Throwable $e) {
            return ['files' => ['healthy' => false, 'message' => $e->getMessage()]];
        }

        return ['files' => [
            'healthy' => $read === 'written',
            'message' => 'a file was written, read back and removed',
            'free_bytes' => (int) disk_free_space(storage_path()),
        ]];
    }
}
