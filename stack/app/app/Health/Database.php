<?php

namespace App\Health;

use PDO;
use Throwable;

final class Database implements Probe
{
    public function checks(): array
    {
        try {
            $database = $this->connect();
            $database->query('SELECT 1')->fetchColumn();
            $ran = $database->query('SELECT migration FROM migrations')->fetchAll(PDO::FETCH_COLUMN);
        } catch (Throwable $e) {
            return ['connection' => ['healthy' => false, 'message' => $e->getMessage()]];
        }
        $expected = array_map(fn (string $file) => basename($file, '.php'), glob(database_path('migrations/*.php')));
        $pending = array_values(array_diff($expected, $ran));

        return [
            'connection' => ['healthy' => true, 'message' => 'the database answers'],
            'migrations' => [
                'healthy' => $pending === [],
                'message' => sprintf('%d of %d migrations of this release have run', count($expected) - count($pending), count($expected)),
                'count' => count($ran),
                'pending' => $pending,
            ],
        ];
    }

    /** Without the framework, which connects a second time when the first attempt took too long. */
    private function connect(): PDO
    {
        $settings = config('database.connections.mysql');
        $before = ini_set('mysqlnd.net_read_timeout', '1');
        try {
            return new PDO(
                "mysql:host={$settings['host']};port={$settings['port']};dbname={$settings['database']}",
                $settings['username'],
                $settings['password'],
                [PDO::ATTR_TIMEOUT => 1, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION],
            );
        } finally {
            ini_set('mysqlnd.net_read_timeout', $before);
        }
    }
}
